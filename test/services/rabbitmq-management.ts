/**
 * Calls RabbitMQ's management API.
 *
 * @param managementUrl - with user and password
 * @param path - under `api/`
 * @throws Error when it does not answer with 2xx
 */
export async function callManagement(
  managementUrl: string,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const url = new URL(`api/${path}`, managementUrl);
  const login = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString(
    'base64',
  );
  url.username = '';
  url.password = '';
  const response = await fetch(url, {
    method,
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}
