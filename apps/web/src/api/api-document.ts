import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import type { ZodType } from 'zod';
import { apiSchemas, openApiSchema } from './api-docs.decorators.js';

const PAGE = 'api/docs';
const PAGE_ADDRESS = new RegExp(`^/${PAGE}/?($|\\?|index\\.html)`);
const DOCUMENT = 'api/docs-json';

const DESCRIPTION =
  'Mails that are accepted at once and sent in the background; what became of each, recipient by recipient. ' +
  'Errors are problem details (RFC 9457).';

/** Swagger UI writes styles into its page, and its pictures are data. Scripts stay those of our own files. */
const PAGE_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join(';');

/** Serves the API's description: `/api/docs-json`, and as a page `/api/docs`. */
export function serveApiDocument(app: NestFastifyApplication): void {
  const config = new DocumentBuilder().setTitle('Celeriac').setDescription(DESCRIPTION).setVersion('1').build();
  const create = (): OpenAPIObject =>
    describeApi(
      SwaggerModule.createDocument(app, config, {
        standardSchemaConverter: (schema, { schemaType }) => ({ schema: openApiSchema(schema as ZodType, schemaType) }),
      }),
    );
  SwaggerModule.setup(PAGE, app, create, {
    jsonDocumentUrl: DOCUMENT,
    raw: ['json'],
    customSiteTitle: 'Celeriac API',
    swaggerOptions: { tryItOutEnabled: true, supportedSubmitMethods: ['get', 'post'] },
  });
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.addHook('onSend', async ({ url }, reply) => {
    if (PAGE_ADDRESS.test(url)) void reply.header('content-security-policy', PAGE_POLICY);
  });
}

/** Without the pages, and with the schemas that the operations refer to. */
function describeApi(document: OpenAPIObject): OpenAPIObject {
  const paths = Object.entries(document.paths).filter(([path]) => path.startsWith('/api/'));
  return { ...document, paths: Object.fromEntries(paths), components: { schemas: apiSchemas() } };
}
