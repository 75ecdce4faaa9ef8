/** Where beat says what it does; Nest's Logger fits. */
export interface BeatLog {
  log(message: string): void;
  warn(message: string): void;
}
