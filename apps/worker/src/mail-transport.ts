import type { Configuration } from '@celeriac/config';
import type { TransportOptions } from '@celeriac/mail';

const MAILHOG_SMTP_PORT = 1025;

/** The transport that the settings ask for. */
export function transportOptions(configuration: Configuration): TransportOptions {
  switch (configuration.EMAIL_BACKEND) {
    case 'console':
    case 'memory':
      return { backend: configuration.EMAIL_BACKEND };
    case 'file':
      return { backend: 'file', folder: configuration.EMAIL_FILE_PATH };
    case 'mailhog':
      return { ...smtpOptions(configuration), port: MAILHOG_SMTP_PORT, user: '', password: '', tls: 'none' };
    case 'smtp':
      return smtpOptions(configuration);
  }
}

function smtpOptions(configuration: Configuration): Extract<TransportOptions, { backend: 'smtp' }> {
  const { EMAIL_USE_SSL, EMAIL_USE_TLS } = configuration;
  return {
    backend: 'smtp',
    host: configuration.EMAIL_HOST,
    port: configuration.EMAIL_PORT,
    user: configuration.EMAIL_HOST_USER,
    password: configuration.EMAIL_HOST_PASSWORD,
    tls: EMAIL_USE_SSL ? 'implicit' : EMAIL_USE_TLS ? 'starttls' : 'none',
    timeoutMs: configuration.EMAIL_TIMEOUT * 1000,
    maxConnections: configuration.WORKER_CONCURRENCY,
  };
}
