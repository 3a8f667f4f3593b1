/** Stands in for the compiler's child: answers a query with its process id, dies on `crash`, is silent on `hang`. */
process.on('message', ({ id, request }: { id: number; request: string }) => {
  const { query } = JSON.parse(request) as { query?: string };
  if (query === 'crash') process.exit(3);
  if (query === 'hang') return;
  const answer = JSON.stringify({ ok: true, errors: [], defined: true, result: process.pid });
  process.send?.({ id, answer });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
