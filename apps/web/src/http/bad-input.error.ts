import { HttpException } from '@nestjs/common';

/** One thing that is wrong with what was sent: in the body (`pointer`), or in the query or a header (`parameter`). */
export interface InputProblem {
  /** RFC 6901 JSON pointer as a URI fragment: `#` is the whole body, `#/to/2` the third recipient. */
  pointer?: string;
  parameter?: string;
  detail: string;
}

/** What was sent cannot be used. */
export class BadInputError extends HttpException {
  /** @param status - 422 for a body of the right kind with wrong values, 400 for the rest */
  constructor(
    status: 400 | 422,
    readonly problems: InputProblem[],
  ) {
    super('What was sent cannot be used.', status);
  }
}
