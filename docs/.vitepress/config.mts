import { defineConfig } from 'vitepress';

const repository = 'https://github.com/cdk-ecs-managed-daemons/cdk-ecs-managed-daemons';

const page = (text: string, link: string): { text: string; link: string } => ({ text, link });

export default defineConfig({
  title: 'cdk-ecs-managed-daemons',
  description: 'AWS CDK constructs for Amazon ECS Managed Daemons',
  cleanUrls: true,
  lastUpdated: false,
  srcExclude: ['.vitepress/**'],
  rewrites: { 'README.md': 'index.md' },
  themeConfig: {
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    sidebar: [
      { text: 'Start', items: [page('Overview', '/'), page('Getting started', '/getting-started'), page('Concepts', '/concepts')] },
      {
        text: 'Guides',
        items: [
          page('Observability agents', '/guides/observability'),
          page('Security agents', '/guides/security-agents'),
          page('Networking agents', '/guides/networking'),
          page('Compliance agents', '/guides/compliance'),
          page('Your own library', '/guides/wrap-in-your-library'),
        ],
      },
      {
        text: 'Rollouts',
        items: [
          page('Deployment alarms', '/deployment-alarms'),
          page('Waves', '/waves'),
          page('Longer than an hour', '/long-rollouts'),
          page('Adopt a daemon', '/adopting'),
          page('Another stack or account', '/cross-stack-and-account'),
          page('Concurrency', '/concurrency'),
        ],
      },
      {
        text: 'Operate',
        items: [
          page('Troubleshooting', '/troubleshooting'),
          page('Watch and stop a rollout', '/operating'),
          page('Rollout', '/rollout'),
          page('Security', '/security'),
          page('Upgrading and removing', '/upgrading'),
          page('Limitations', '/limitations'),
        ],
      },
      {
        text: 'Sandbox',
        items: [page('Plan', '/plan'), page('The sandbox', '/sandbox'), page('Reference', '/sandbox-reference'), page('Assumptions', '/assumptions')],
      },
      {
        text: 'For contributors',
        collapsed: true,
        items: [
          page('Style', '/style'),
          page('How AWS behaves', '/aws-behaviour'),
          page('Failure modes', '/failure-modes'),
          page('Simulation', '/simulation'),
          page('Mutation testing', '/mutation'),
          page('Benchmarks', '/benchmarks'),
        ],
      },
    ],
  },
  markdown: {
    config: (md) => {
      const { fence } = md.renderer.rules;
      md.renderer.rules.fence = (tokens, index, options, env, self) => {
        const code = fence?.(tokens, index, options, env, self) ?? '';
        if (tokens[index]?.info !== 'mermaid') return code;
        const { relativePath } = env as { relativePath: string };
        return `<p><a href="${repository}/blob/main/docs/${relativePath}" target="_blank" rel="noreferrer">GitHub draws this diagram</a></p>${code}`;
      };
      // files outside docs/ are on GitHub
      md.core.ruler.push('links-to-the-repository', ({ tokens, env }) => {
        const folder = new URL((env as { relativePath?: string }).relativePath ?? '', 'file:///docs/');
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.attrGet('href');
          if (token.type !== 'link_open' || href === null || !href.startsWith('../')) continue;
          const { pathname, hash } = new URL(href, folder);
          if (!pathname.startsWith('/docs/')) token.attrSet('href', `${repository}/blob/main${pathname}${hash}`);
        }
      });
    },
  },
});
