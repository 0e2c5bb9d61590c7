import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['cutover-source'] },
  ssr: { resolve: { conditions: ['cutover-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', '{scripts,test-support}/**/*.test.ts'],
    globalSetup: ['test-support/postgres-for-this-run.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results/vitest.json' }]],
    pool: 'forks',
    // Of the cores one is left free otherwise: much of the time here is spent waiting for processes and disks.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
