import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';
import type { MailAction } from '@celeriac/mail';
import { ACTION_LABELS } from './state-words.js';

/** Lets only what can be done with a mail through; anything else is not found. */
@Injectable()
export class MailActionPipe implements PipeTransform<string, MailAction> {
  transform(text: string): MailAction {
    if (!Object.hasOwn(ACTION_LABELS, text)) throw new NotFoundException();
    return text as MailAction;
  }
}
