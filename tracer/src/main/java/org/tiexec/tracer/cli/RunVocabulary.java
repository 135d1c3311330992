package org.tiexec.tracer.cli;

import java.util.Optional;

/** The options that {@code TIEXEC} may set for {@code tracer run}. */
final class RunVocabulary implements SettingsVariable.Vocabulary {
    @Override
    public Optional<OptionText> option(String longName) {
        Optional<RunOption> option = RunOption.named(longName);
        return option.isPresent() ? Optional.of(option.get().text()) : Optional.empty();
    }

    @Override
    public boolean isOnlyForCommandLine(String longName) {
        Optional<RunOption> option = RunOption.named(longName);
        return option.isPresent() && option.get().isOnlyForCommandLine();
    }

    @Override
    public boolean isElsewhere(String longName) {
        return AttachOption.named(longName).isPresent();
    }

    @Override
    public void check(String argument) throws UsageException {
        // What is wrong without another option is seen when all of them are there.
        String context = argument.startsWith(RunOption.ONLY.text().longName())
                ? RunOption.FOLLOW.text().longName() + "=tree"
                : RunOption.VERBOSE.text().longName();
        RunArguments.parse(new String[] {context, argument, "--", "program"});
    }
}
