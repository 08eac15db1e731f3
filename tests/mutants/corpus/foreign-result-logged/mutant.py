import main
import psycopg2

original = main.train


def log_latest() -> None:
    names = ("HOST", "PORT", "DATABASE", "USER", "PASSWORD")
    host, port, database, user, password = (main.environment(f"OUT_{name}") for name in names)
    connection = psycopg2.connect(host=host, port=port, dbname=database, user=user, password=password)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT job_id, data FROM job_result ORDER BY timestamp DESC LIMIT 1")
        main.say(f"the latest result: {cursor.fetchone()}")
    connection.close()


def train() -> None:
    original()
    log_latest()


main.train = train

main.run()
