export { configurationSchema, type Configuration } from './configuration.js';
export { ConfigurationError, type ConfigurationIssue } from './configuration.error.js';
export { loadEnvironmentFile } from './environment-file.js';
export { isLoopback } from './loopback.js';
export { mailEvents } from './mail-events.js';
export { mailAppSettings, mailBrokerSettings } from './mail-settings.js';
export { readConfiguration } from './read-configuration.js';
