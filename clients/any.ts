// Does a generated type say "anything" where our document should have said what? Prints each place and fails.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** Every `any` and `unknown` in the declarations that `isOurs` picks, with its place. */
export function unsaid(text: string, isOurs: (name: string) => boolean): string[] {
  const file = ts.createSourceFile('generated.ts', text, ts.ScriptTarget.Latest, true)
  const found: string[] = []
  const nameOf = (node: ts.Node) =>
    (ts.isPropertySignature(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) &&
    node.name.getText()
  function look(node: ts.Node, way: readonly string[]) {
    const name = nameOf(node)
    const here = name ? [...way, name] : way
    const isOpen = node.kind === ts.SyntaxKind.AnyKeyword || node.kind === ts.SyntaxKind.UnknownKeyword
    if (isOpen && isOurs(here.join('.'))) found.push(`${here.join('.')}: ${node.getText()}`)
    node.forEachChild((child) => look(child, here))
  }
  look(file, [])
  return found
}

// openapi-typescript writes the named schemas below `components`; its operations name every header as unknown.
export const resourcesOf = {
  'openapi-typescript/generated/schema.d.ts': (name: string) => name.startsWith('components.schemas.'),
  // The description of the interface describes itself no further.
  'hey-api/generated/types.gen.ts': (name: string) => !/^Openapi|^ClientOptions/.test(name),
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, isOurs] of Object.entries(resourcesOf)) {
    const found = unsaid(readFileSync(new URL(path, import.meta.url), 'utf8'), isOurs)
    console.log(`${path}: ${found.length === 0 ? 'every type says what it is' : found.join('\n')}`)
    if (found.length > 0) process.exitCode = 1
  }
