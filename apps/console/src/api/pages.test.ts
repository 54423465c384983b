import { expect, test } from 'vitest';
import { fetchPages } from './pages.ts';

const isNumber = (row: unknown): row is number => typeof row === 'number';

/** A server with so many pages of two rows. */
function serverOf(pages: number) {
  const asked: string[] = [];
  const request = async (path: string): Promise<Response> => {
    asked.push(path);
    const page = asked.length;
    return Response.json([page, -page, 'stranger'], { headers: page < pages ? { Link: `<?limit=100&cursor=c${page}>; rel="next"` } : {} });
  };
  return { asked, request };
}

test('follows a list to its end', async () => {
  const { asked, request } = serverOf(3);
  expect(await fetchPages(request, 'api/v1/sessions', isNumber)).toEqual({ rows: [1, -1, 2, -2, 3, -3], hasMore: false });
  expect(asked).toEqual(['api/v1/sessions?limit=100', 'api/v1/sessions?limit=100&cursor=c1', 'api/v1/sessions?limit=100&cursor=c2']);
});

test('stops at five pages of a list that goes on, and says that there is more', async () => {
  const { asked, request } = serverOf(Infinity);
  expect((await fetchPages(request, 'x', isNumber)).hasMore).toBe(true);
  expect(asked).toHaveLength(5);
});
