import { defineTask, type TaskContract } from '@celeriac/tasks';
import { z } from 'zod';

/** The settings say it all. */
const input = z.object({});
/** Of its own, so that mails never wait behind it. */
const queue = 'upkeep';
/** How a run ended is kept for a month. */
const retention = 30 * 86_400;

/** Removes the texts of old mails, and deletes mails that are older. */
export const forgetOld = defineTask({ name: 'mail.forget_old', input, queue, retention });

/** Tells by mail what became of the mails of yesterday. */
export const dailyDigest = defineTask({ name: 'mail.daily_digest', input, queue, retention });

/** Tells of mails that wait for somebody's decision. */
export const remindUncertain = defineTask({ name: 'mail.remind_uncertain', input, queue, retention });

/** What the mail app does again and again. */
export const upkeepTasks: readonly TaskContract[] = [forgetOld, dailyDigest, remindUncertain];
