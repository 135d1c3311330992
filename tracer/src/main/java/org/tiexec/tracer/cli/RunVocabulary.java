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
        RunArguments.parse(new String[] {argument, "--", "program"});
    }
}
