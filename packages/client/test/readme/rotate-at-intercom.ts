import type { SecureModeSecrets } from '@cutover/client'

export async function replaceAtIntercom(
  secrets: SecureModeSecrets,
  oldId: string,
  deploy: (secret: string) => Promise<void>,
): Promise<void> {
  const { secret } = await secrets.create({ name: 'Production Web', supports_web: true })
  await deploy(secret) // and until every client signs with it
  await secrets.delete(oldId)
}
