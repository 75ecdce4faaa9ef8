import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';

/** A mail, composed: what a transport turns into bytes. */
export interface ComposedMail {
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  /** RFC 5322 Message-ID with its angle brackets. */
  messageId: string;
  date: Date;
}

export interface MailContent {
  mailId: string;
  to: string[];
  subject: string;
  message: string;
  /** When the mail was accepted: the same in all attempts. */
  date: Date;
}

/** Composes mails from two Handlebars templates, `message.txt.hbs` and `message.html.hbs`. */
export class MailComposer {
  private readonly text: HandlebarsTemplateDelegate;
  private readonly html: HandlebarsTemplateDelegate;

  /**
   * @param templatesFolder - where the two templates are
   * @param from - the sender's address
   * @throws Error when a template is missing
   */
  constructor(
    templatesFolder: string,
    private readonly from: string,
  ) {
    // Text is no HTML: what the user wrote goes in as it is. In the HTML part Handlebars escapes it.
    this.text = compile(join(templatesFolder, 'message.txt.hbs'), { noEscape: true });
    this.html = compile(join(templatesFolder, 'message.html.hbs'), {});
  }

  compose({ mailId, to, subject, message, date }: MailContent): ComposedMail {
    const values = { subject, message };
    return {
      from: this.from,
      to,
      subject,
      // The template file ends with a line end, the tutorial's text does not.
      text: this.text(values).replace(/\n$/, ''),
      html: this.html(values),
      messageId: messageIdOf(mailId, this.from),
      date,
    };
  }
}

/** Made from the mail's id: a second attempt is the same mail, and a mail server or reader can see that. */
export function messageIdOf(mailId: string, from: string): string {
  return `<${mailId}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}

function compile(file: string, options: CompileOptions): HandlebarsTemplateDelegate {
  return Handlebars.compile(readFileSync(file, 'utf8'), options);
}
