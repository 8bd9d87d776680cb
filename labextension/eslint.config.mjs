import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['node_modules', 'lib'] },
  {
    files: ['**/*.ts'],
    extends: [
      eslint.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Arrays are read inside of their bounds; the type system cannot know.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // What users read in JupyterLab can be translated: a text that looks like words goes through `trans`.
    files: ['src/lab/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          // It begins with a capital letter and a small one, or is several words that are no class names.
          'Literal[value=/^[A-Z]([a-z]+| [a-z])/]',
          'Literal[value=/^(?!.*jmp)[a-z]+( [a-z]+)+\\W*$/]',
          'TemplateLiteral > TemplateElement[value.raw=/(^|\\s)[A-Za-z]{2,}(\\s|$)/]',
        ].map(text => ({
          // Keys and names of things are no words; the list of plugins is not translated.
          selector: `:not(CallExpression[callee.property.name=/^_[_n]$/], BinaryExpression, Property[key.name=/^(description|factory|name)$/]) > ${text}`,
          message: 'Users may read this: write trans.__("…"), or trans._n("…", "…", n).',
        })),
      ],
    },
  },
);
