// Where do people read the description of the interface? At /docs, without anything from outside.
import { createReadStream } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Routes } from './openapi.ts'
import { olderOf } from './openapi-3.0.ts'
import { Built, type App } from './zod.ts'

const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const assets = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' } as const

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Lotse: interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>`
const start = `SwaggerUIBundle({
  url: '/v1/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  validatorUrl: null,
  // Two hundred operations: their headings first, each opened when somebody wants it.
  docExpansion: 'none',
  filter: true,
  defaultModelsExpandDepth: -1,
  defaultModelExpandDepth: 2,
  syntaxHighlight: false,
})`

const onlyOurs =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

// Large: made when somebody first asks, and kept as the bytes that are sent.
function lazily(make: () => Promise<object> | object) {
  let made: Promise<Built> | undefined
  return () => (made ??= Promise.resolve(make()).then((document) => new Built(JSON.stringify(document))))
}

export function docsRoutes(app: App, routes: Routes) {
  const description = z.looseObject({})
  const present = lazily(() => routes.document())
  const older = lazily(() => olderOf(routes.document()))
  app.get(
    '/v1/openapi.json',
    {
      config: { action: 'openapi.read' },
      schema: {
        summary: 'This description',
        description: 'OpenAPI 3.1, for programs; people read `/docs`.',
        response: { 200: description },
      },
    },
    async () => (await present()) as never,
  )
  app.get(
    '/v1/openapi-3.0.json',
    {
      config: { action: 'openapi.read_older' },
      schema: {
        summary: 'This description, for older generators',
        description: 'The same as `/v1/openapi.json` in OpenAPI 3.0.3.',
        response: { 200: description },
      },
    },
    async () => (await older()) as never,
  )

  app.get('/docs', (_, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', onlyOurs).send(page),
  )
  app.get('/docs/start.js', (_, reply) => reply.type('text/javascript').send(start))
  for (const [name, type] of Object.entries(assets))
    app.get(`/docs/${name}`, (_, reply) =>
      reply
        .type(type)
        .header('cache-control', 'public, max-age=86400')
        .send(createReadStream(join(folder, name))),
    )
}
