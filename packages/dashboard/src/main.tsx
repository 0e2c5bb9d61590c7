import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app/look.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { takeNonce } from './app/nonce.ts'

// Before anything renders: what is rendered adds styles.
takeNonce()

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root')
createRoot(root).render(<App />)
