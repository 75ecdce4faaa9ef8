import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';
import { mailActions, type MailAction } from '@celeriac/mail';

/** Lets only what can be done with a mail through; anything else is not found. */
@Injectable()
export class MailActionPipe implements PipeTransform<string, MailAction> {
  transform(text: string): MailAction {
    const action = mailActions.find((candidate) => candidate === text);
    if (action === undefined) throw new NotFoundException();
    return action;
  }
}
