import type { TestProject } from 'vitest/node'
import { startPostgresServer } from './postgres-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of a PostgreSQL on which tests may create databases, as a user who may. */
    postgresAdminUrl: string
  }
}

/** One server for the whole run, unless CUTOVER_TEST_DATABASE_URL names one that exists. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const existing = process.env['CUTOVER_TEST_DATABASE_URL']
  if (existing !== undefined && existing !== '') {
    project.provide('postgresAdminUrl', existing)
    return async () => {}
  }
  const server = await startPostgresServer()
  project.provide('postgresAdminUrl', server.url('postgres'))
  return () => server.remove()
}
