export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  removeEmbeddedPostgresData,
  startEmbeddedPostgres,
} from './embedded-postgres.js';
export {
  EmbeddedPostgresCommandError,
  EmbeddedPostgresError,
  EmbeddedPostgresFolderError,
  EmbeddedPostgresPlatformError,
  EmbeddedPostgresPortError,
  EmbeddedPostgresRunningError,
} from './errors.js';
