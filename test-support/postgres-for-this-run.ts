import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { startPostgresServer } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of a PostgreSQL on which tests may create databases, as a user who may. */
    postgresAdminUrl: string
    /** Name of a database of this run, to be made by whoever needs it, that others are copies of. */
    postgresTemplate: string
  }
}

/** One server for the whole run, unless CUTOVER_TEST_DATABASE_URL names one that exists. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const existing = process.env['CUTOVER_TEST_DATABASE_URL'] ?? ''
  const server = existing === '' ? await startPostgresServer() : null
  const adminUrl = server?.url('postgres') ?? existing
  const template = `cutover_test_${randomBytes(8).toString('hex')}_template`
  project.provide('postgresAdminUrl', adminUrl)
  project.provide('postgresTemplate', template)
  // What it was made of may have changed.
  project.onTestsRerun(() => drop(adminUrl, template))
  return () => (server ? server.remove() : drop(adminUrl, template))
}

async function drop(adminUrl: string, name: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl })
  await client.connect()
  await client.query(`DROP DATABASE IF EXISTS ${name}`).finally(() => client.end())
}
