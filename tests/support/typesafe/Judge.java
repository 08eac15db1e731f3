import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads configuration files as Woken does and prints what they say, so that a test can compare it with what was
 * meant: many files for one start of the JVM.
 *
 * <p>The first argument is a file with a question per line, {@code {"file": PATH, "variables": {NAME: TEXT}}}; the
 * second is one for the answers, {@code {"file": PATH, "value": OBJECT}} or {@code {"file": PATH, "error": TEXT}} in
 * a line each. The path is taken as it is, as -Dconfig.file is. Without {@code variables} substitutions see the
 * environment of the process.
 */
public final class Judge {
    private static final ConfigParseOptions MUST_EXIST = ConfigParseOptions.defaults().setAllowMissing(false);

    private Judge() {}

    public static void main(String[] arguments) throws IOException {
        try (BufferedReader questions = Files.newBufferedReader(Path.of(arguments[0]));
                BufferedWriter answers = Files.newBufferedWriter(Path.of(arguments[1]))) {
            for (String line = questions.readLine(); line != null; line = questions.readLine()) {
                answers.write(answer(ConfigFactory.parseString(line)) + "\n");
            }
        }
    }

    private static String answer(Config question) {
        String path = question.getString("file");
        String head = "{\"file\":" + ConfigUtil.quoteString(path);
        try {
            String value = read(path, question).root().render(ConfigRenderOptions.concise());
            return head + ",\"value\":" + value + "}";
        } catch (ConfigException | StackOverflowError error) {
            return head + ",\"error\":" + ConfigUtil.quoteString(error.toString()) + "}";
        }
    }

    /** Variables are found where the environment would be asked: resolveWith breaks on an overridden default in 1.3.1. */
    private static Config read(String path, Config question) {
        Config parsed = ConfigFactory.parseFile(new File(path), MUST_EXIST);
        if (!question.hasPath("variables")) {
            return parsed.resolve();
        }
        Config variables = question.getConfig("variables");
        Config resolved = parsed.withFallback(variables).resolve();
        for (String name : variables.root().keySet()) {
            resolved = resolved.withoutPath(ConfigUtil.quoteString(name));
        }
        return resolved;
    }
}
