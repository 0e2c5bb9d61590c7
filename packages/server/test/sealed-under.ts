import { decodeProtectedHeader } from 'jose'
import type { Installation } from './installation.ts'

/** By which master key each sealed value of a store was sealed, how many of each. */
export async function sealedUnder(installation: Installation): Promise<Readonly<Record<string, number>>> {
  const values = await installation.read(async (db) => {
    const secrets = await db.selectFrom('signing_secrets').select('sealed').execute()
    const answers = await db.selectFrom('kept_answers').select('sealed_answer as sealed').execute()
    const auditKeys = await db.selectFrom('audit_signing_key').select('sealed').execute()
    return [...secrets, ...answers, ...auditKeys].flatMap(({ sealed }) => (sealed === null ? [] : [sealed]))
  })
  const counts: Record<string, number> = {}
  for (const value of values) {
    const { kid = 'none' } = decodeProtectedHeader(value)
    counts[kid] = (counts[kid] ?? 0) + 1
  }
  return counts
}
