export { freePorts } from './free-ports.js';
export { launchBrowser } from './browser.js';
export { aptInstall, MissingServiceError, succeeds } from './install.js';
export { createTestDatabase, type TestDatabase } from './postgres.js';
export { provideServices } from './provide-services.js';
export { createTestVhost, provideRabbitMq, type TestVhost } from './rabbitmq.js';
export { RabbitMqNode } from './rabbitmq-node.js';
