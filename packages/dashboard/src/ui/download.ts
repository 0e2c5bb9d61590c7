const plain = /^[A-Za-z0-9_\-.]+$/

export function downloadEnv(fileName: string, variable: string, secret: string): void {
  const value = plain.test(secret) ? secret : `"${secret.replace(/["\\$`]/g, '\\$&')}"`
  download(fileName, [`${variable}=${value}\n`], 'text/plain')
}

export function download(fileName: string, parts: BlobPart[], type: string): void {
  const address = URL.createObjectURL(new Blob(parts, { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 1000)
}
