import { SoftTimeLimitExceeded, type ThreadTask } from '@celeriac/tasks/thread';
import { DETAILS, HEIGHT, INKS, paintRow, PLACES } from './mandelbrot.js';
import { encodePng } from './png.js';
import type { drawPoster } from '../posters.tasks.js';

/** Holds the CPU for seconds, which a thread may: the worker's other tasks go on. */
const draw: ThreadTask<typeof drawPoster> = ({ title, place, ink, detail }, task) => {
  const rows: Uint8Array[] = [];
  let cutShort = false;
  while (rows.length < HEIGHT) {
    cutShort ||= isTimeUp(task.signal);
    rows.push(paintRow(PLACES[place], rows.length, cutShort ? DETAILS.sketch : DETAILS[detail]));
    task.progress(rows.length, HEIGHT);
  }
  return { title, png: encodePng(rows, INKS[ink]).toString('base64'), cutShort };
};

export default draw;

/** After the soft limit there is some time left to come to an end; after anything else nobody waits for the picture. */
function isTimeUp(signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  if (signal.reason instanceof SoftTimeLimitExceeded) return true;
  throw signal.reason;
}
