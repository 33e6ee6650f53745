"""The Langflow contract: the web application, its workers, and how they are started."""
