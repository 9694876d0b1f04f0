import { PageFrame } from "@/ui/page/page-frame";
import { AccountSection } from "./account-section";
import { PasswordSection } from "./password-section";
import { PreferencesSection } from "./preferences-section";
import classes from "./profile.module.css";
import { SessionsSection } from "./sessions-section";

export default function ProfilePage() {
  return (
    <PageFrame title="Profile">
      <div className={classes.columns}>
        <div className={classes.stack}>
          <PreferencesSection />
          <SessionsSection />
        </div>
        <div className={classes.stack}>
          <AccountSection />
          <PasswordSection />
        </div>
      </div>
    </PageFrame>
  );
}
