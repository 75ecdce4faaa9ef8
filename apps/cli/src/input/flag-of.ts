/** @returns such as `--shutdown-timeout`, which commander calls `shutdownTimeout` */
export function flagOf(option: string): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
