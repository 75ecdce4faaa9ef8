import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';
import { validate } from 'uuid';

export function isMailId(text: unknown): text is string {
  return typeof text === 'string' && validate(text);
}

/** Lets only what can be a mail's id through; anything else is not found. */
@Injectable()
export class MailIdPipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (!isMailId(text)) throw new NotFoundException();
    return text;
  }
}
