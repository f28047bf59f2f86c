// Do the pages that people read say what the code does?
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { demoAccounts, demoPassword } from '../../src/demo/index.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const readme = read('README.md')
const plain = readme.replace(/ +/g, ' ')

test('the README lists every demo account, and no other', () => {
  for (const { person, role, email, municipality } of demoAccounts)
    expect(plain).toContain(`| ${person} | ${role} | ${email} | ${municipality} |`)
  expect(plain.match(/@\w+\.example/g)).toHaveLength(demoAccounts.length)
  expect(readme).toContain(demoPassword)
})

test('every command of the README exists, and every npm script stands in it', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/`npm (?:run )?([a-z:]+)/g)].map(([, script]) => script!)
  for (const script of named.filter((name) => name !== 'ci')) expect(Object.keys(scripts)).toContain(script)
  const partsOfCheck = /^(check:(types|lint|format)|format)$/
  for (const script of Object.keys(scripts).filter((name) => !partsOfCheck.test(name)))
    expect(readme).toMatch(new RegExp(`npm (run )?${script}\\b`))
})

test('every page that is linked exists', () => {
  for (const page of [
    'README.md',
    'src/README.md',
    'openapi/README.md',
    'test/README.md',
    'migrations/README.md',
    'bench/README.md',
  ]) {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link!)
    for (const link of links)
      expect(
        () => readFileSync(new URL(link, new URL(`../../${page}`, import.meta.url))),
        `${page}: ${link}`,
      ).not.toThrow(/ENOENT/)
  }
})
