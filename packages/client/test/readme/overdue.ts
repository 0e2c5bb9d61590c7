import type { CutoverClient } from '@cutover/client'

export async function overdueNames(cutover: CutoverClient): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name } of cutover.identitySecrets.all({ overdue: true })) names.push(name)
  return names
}
