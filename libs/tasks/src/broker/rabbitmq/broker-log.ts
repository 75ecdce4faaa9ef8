/** Where the broker says what happens to it; Nest's Logger fits. */
export interface BrokerLog {
  log(message: string): void;
  warn(message: string): void;
}
