/** The `id` in the path. No id has a NUL, for which PostgreSQL would fail: with one it is none that anything has. */
export function idParam({ params }: { readonly params: { readonly id: string } }): string {
  return params.id.includes('\0') ? '' : params.id
}
