import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressedAssets } from './compressed-assets.ts'
import { initialSize } from './initial-size.ts'

export default defineConfig({
  base: '/',
  logLevel: 'warn',
  plugins: [react(), initialSize({ mostBytes: 300_000 }), compressedAssets()],
  // Sources of the other packages, so that they need not be built before.
  resolve: { conditions: ['cutover-source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2023',
    // The policy of the page allows no other sources than the server's own files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
})
