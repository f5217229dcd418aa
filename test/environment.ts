// synth runs a WebAssembly template validator by default: seconds for each test file, and not what the tests are about
process.env.CDK_VALIDATION = 'false';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
