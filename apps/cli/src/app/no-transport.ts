/** Of a Nest microservice that has the app's providers, and listens to nothing. */
export const NO_TRANSPORT = { listen: (): void => undefined, close: (): void => undefined };
