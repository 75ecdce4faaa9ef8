import { Injectable } from '@nestjs/common';
import { PaperJamError } from '../posters.tasks.js';

/** Stands for a printer: takes its time over a network, and fails now and then. */
@Injectable()
export class PrintShop {
  private sheets = 0;

  /** @returns the number of the sheet @throws {@link PaperJamError} at each third one */
  async print(_png: Buffer): Promise<number> {
    this.sheets += 1;
    if (this.sheets % 3 === 0) throw new PaperJamError(`Sheet ${this.sheets} got stuck.`);
    return this.sheets;
  }
}
