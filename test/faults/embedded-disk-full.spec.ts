import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from '../fixtures/app-process.js';
import { MailApp } from '../fixtures/mail-app.js';
import { PostgresServer } from '../fixtures/postgres-server.js';
import { SmallDisk } from '../fixtures/small-disk.js';
import { createTaskDatabase, type TaskDatabase } from '../fixtures/task-database.js';

const DISK_MB = 160;
const LONG_TEXT = Array.from({ length: 3000 }, (_, n) => `${Math.sin(n)}`)
  .join(' ')
  .slice(0, 45_000);

const disk = SmallDisk.mount(DISK_MB);

(disk === null ? describe.skip : describe)(
  `when the disk of the embedded Postgres is full${disk === null ? ' (needs root on Linux, to mount a small one)' : ''}`,
  () => {
    let postgres: PostgresServer;
    let database: TaskDatabase;
    let app: MailApp;
    let web: AppProcess;
    let worker: AppProcess;

    beforeAll(async () => {
      postgres = await PostgresServer.start(disk === null ? {} : { parent: disk.folder });
      database = await createTaskDatabase(postgres.url);
      app = await MailApp.start({ database });
      web = await app.startWeb();
      worker = await app.startWorker();
    });

    afterAll(async () => {
      await app.stop();
      await database.dataSource.destroy();
      await postgres.destroy();
      disk?.unmount();
    });

    /** @returns the answer to a form, when the disk takes no more */
    async function sendUntilFull(): Promise<Response> {
      const form = await app.loadForm();
      for (let n = 1; ; n += 1) {
        const answer = await form.send({ subject: `Full ${n}`, msg: LONG_TEXT });
        if (answer.status !== 303) return answer;
      }
    }

    it('forms are answered with 503 and their text, and accepted when there is room again', async () => {
      const before = app.sendMany(20, 'Before');
      await before.reached(10);
      await disk?.fill();
      const answer = await sendUntilFull();
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain(LONG_TEXT);
      const during = app.sendMany(20, 'During');
      await disk?.free();
      await Promise.all([before.done, during.done]);
      await app.allEnded();
      for (const subject of [...before.subjects, ...during.subjects]) {
        expect(app.catcher.subjects.filter((other) => other === subject)).toHaveLength(1);
      }
      expect([web.running, worker.running]).toEqual([true, true]);
    });

    it('Postgres ends when it cannot write its log, and is started again when there is room', async () => {
      const accepted = await app.sendForm({ subject: 'Accepted' });
      await app.waitForState(accepted, 'sent');
      await disk?.fill();
      await postgres.writeLogUntilItEnds();
      const answer = await sendUntilFull();
      expect(answer.status).toBe(503);
      await disk?.free();
      const during = app.sendMany(5, 'Again');
      await during.done;
      await app.allEnded();
      expect(await app.showMail(accepted)).toMatchObject({ state: 'sent' });
      for (const subject of ['Accepted', ...during.subjects]) {
        expect(app.catcher.subjects.filter((other) => other === subject)).toHaveLength(1);
      }
      expect([web.running, worker.running]).toEqual([true, true]);
    });
  },
);
