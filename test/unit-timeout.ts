// a unit test that takes longer waits for something that does not come
jest.setTimeout(10_000);
