"""A language model as the reader, as a choice: any LangChain chat model, every sentence of it verified."""
