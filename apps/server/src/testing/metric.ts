import type { RunningServer } from '../running-server.ts';

/** One value of the server's metrics, by name and labels as they are written there; NaN when there is none. */
export async function metric({ url, adminToken }: Pick<RunningServer, 'url' | 'adminToken'>, sample: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } });
  const lines = (await response.text()).split('\n');
  return Number(lines.find((line) => line.startsWith(`${sample} `))?.split(' ').at(-1));
}
