"""The web page: questions, answers, and the articles they are quoted from."""
