import { readFileSync } from 'node:fs';
import {
  Body,
  Controller,
  Get,
  Header,
  NotFoundException,
  Param,
  ParseUUIDPipe,
  Post,
  Query,
  Res,
  UseFilters,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { orderPage, posterPage, wallPage } from './pages.js';
import { PosterDesk } from './poster-desk.js';
import { PosterOrder } from '../posters.tasks.js';
import { ProblemFilter } from './problem.filter.js';

const HTML = 'text/html; charset=utf-8';
const STYLE = readFileSync(new URL('../../posters.css', import.meta.url));
const PosterId = new ParseUUIDPipe({ exceptionFactory: () => new NotFoundException() });

@Controller()
@UseFilters(ProblemFilter)
export class PostersController {
  constructor(private readonly desk: PosterDesk) {}

  @Get()
  @Header('content-type', HTML)
  form(): string {
    return orderPage();
  }

  @Post('posters')
  async order(@Body() form: unknown, @Res() reply: FastifyReply): Promise<void> {
    const order = PosterOrder.safeParse(form);
    if (order.success) {
      const { id, duplicate } = await this.desk.order(order.data);
      await reply.redirect(`/posters/${id}${duplicate ? '?again' : ''}`, 303);
    } else {
      const { fieldErrors: problems } = z.flattenError(order.error);
      const values = Object(form) as Record<string, unknown>;
      await reply.status(422).type(HTML).send(orderPage({ values, problems }));
    }
  }

  @Get('posters/:id')
  @Header('content-type', HTML)
  @Header('cache-control', 'no-store')
  async show(@Param('id', PosterId) id: string, @Query('again') again?: string): Promise<string> {
    return posterPage(id, await this.desk.look(id), again !== undefined);
  }

  @Get('posters/:id/picture.png')
  @Header('content-type', 'image/png')
  @Header('cache-control', 'private, max-age=86400, immutable')
  async picture(@Param('id', PosterId) id: string): Promise<Buffer> {
    const status = await this.desk.look(id);
    if (status.state !== 'drawn') throw new NotFoundException();
    return Buffer.from(status.poster.png, 'base64');
  }

  @Post('posters/:id/cancel')
  async cancel(@Param('id', PosterId) id: string, @Res() reply: FastifyReply): Promise<void> {
    await this.desk.cancel(id);
    await reply.redirect(`/posters/${id}`, 303);
  }

  @Post('posters/:id/print')
  async print(@Param('id', PosterId) id: string, @Res() reply: FastifyReply): Promise<void> {
    await this.desk.print(id);
    await reply.redirect(`/posters/${id}`, 303);
  }

  @Get('wall')
  @Header('content-type', HTML)
  @Header('cache-control', 'no-store')
  async wall(): Promise<string> {
    return wallPage(await this.desk.onTheWall());
  }

  @Get('posters.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): Buffer {
    return STYLE;
  }
}
