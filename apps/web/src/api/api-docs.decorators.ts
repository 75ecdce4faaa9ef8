import { STATUS_CODES } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import { ApiResponse, type ApiResponseOptions } from '@nestjs/swagger';
import { z } from 'zod';
import { acceptedSchema, mailEventsSchema, mailPageSchema, mailSchema, problemSchema } from './mail-schemas.js';

type Schema = Extract<ApiResponseOptions, { schema: unknown }>['schema'];

/** The schemas that have a name in the API's description. */
const NAMED = {
  Accepted: acceptedSchema,
  Mail: mailSchema,
  MailEvents: mailEventsSchema,
  MailPage: mailPageSchema,
  Problem: problemSchema,
};

/** The parameter of an operation on one mail. */
export const MAIL_ID = { name: 'id', schema: { type: 'string', format: 'uuid' } };
/** Its answer when there is none. */
export const NO_SUCH_MAIL = { 404: 'there is no such mail' };

/** A reference to one of {@link apiSchemas}. */
export function schemaOf(name: keyof typeof NAMED): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** For the components of the API's description. */
export function apiSchemas(): Record<string, Schema> {
  return Object.fromEntries(Object.entries(NAMED).map(([name, schema]) => [name, openApiSchema(schema)]));
}

/** A zod schema as OpenAPI has it. @param io - what goes in, or what comes out */
export function openApiSchema(schema: z.ZodType, io: 'input' | 'output' = 'output'): Schema {
  const override = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => tidyUp(jsonSchema);
  return z.toJSONSchema(schema, { target: 'openapi-3.0', io, override }) as Schema;
}

/** zod is exact to the bit: how far integers go, and what each format looks like. */
function tidyUp(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format !== undefined) delete schema.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}

const PROBLEM = { 'application/problem+json': { schema: schemaOf('Problem') } };

/** Documents what else an operation may be answered with. @param problems - by status, when that is */
export function ApiProblems(problems: Record<number, string>): MethodDecorator & ClassDecorator {
  const all = Object.entries({ ...problems, 503: 'the database is away; see Retry-After' });
  return applyDecorators(
    ...all.map(([status, when]) =>
      ApiResponse({
        status: Number(status),
        description: `${STATUS_CODES[status]}: ${when}`,
        content: PROBLEM,
      }),
    ),
  );
}
