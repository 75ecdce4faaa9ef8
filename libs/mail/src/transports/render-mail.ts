import { createTransport } from 'nodemailer';
import type { ComposedMail } from '../compose/compose-mail.js';

/** Nothing in a mail may make the server read files or fetch addresses. */
export const NO_ACCESS = { disableFileAccess: true, disableUrlAccess: true } as const;

const renderer = createTransport({ streamTransport: true, buffer: true, newline: 'unix', ...NO_ACCESS });

/** @returns the whole message as RFC 5322 text with Unix line ends */
export async function renderMail(mail: ComposedMail): Promise<string> {
  const { message } = await renderer.sendMail(mail);
  return (message as Buffer).toString();
}
