import { providePostgres } from './postgres.js';
import { provideRabbitMq } from './rabbitmq.js';

/** Makes Postgres and RabbitMQ available to this process and to those it starts. @returns how to end them */
export async function provideServices(): Promise<() => Promise<void>> {
  const services = await Promise.allSettled([providePostgres(), provideRabbitMq()]);
  const end = async (): Promise<void> => {
    await Promise.all(
      services.map((service) => (service.status === 'fulfilled' ? service.value() : Promise.resolve())),
    );
  };
  const failed = services.find((service) => service.status === 'rejected');
  if (failed === undefined) return end;
  await end();
  throw failed.reason;
}
